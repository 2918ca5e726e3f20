"""A Ray cluster of several nodes on this machine, in a process apart; its standard input orders it.

    add FOLDER   start a node of one processor that imports grade from FOLDER
    lose PID     kill the node that the process descends from, with all that runs there
    lose all     kill all nodes but the head, where nothing is graded

It prints its address first, then a line for each order that was obeyed. It ends with its input.
"""

import os
import sys

from ray.cluster_utils import Cluster

# A node that was killed is missed soon, one that is slow is not.
HEALTH = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 20_000,
    "health_check_failure_threshold": 3,
}


def ancestors(pid: int) -> list[int]:
    """The processes that one descends from, itself first."""
    found = [pid]
    while found[-1] > 1:
        with open(f"/proc/{found[-1]}/stat") as stat:
            found.append(int(stat.read().rpartition(")")[2].split()[1]))
    return found


def raylet(node) -> int:
    return node.all_processes["raylet"][0].process.pid


def add(cluster: Cluster, folder: str) -> None:
    os.environ["PYTHONPATH"] = folder
    cluster.add_node(num_cpus=1, object_store_memory=80 << 20, include_log_monitor=False)


def lose(cluster: Cluster, which: str) -> None:
    there = None if which == "all" else ancestors(int(which))
    lost = [n for n in cluster.worker_nodes if there is None or raylet(n) in there]
    assert lost
    for node in lost:
        cluster.remove_node(node, allow_graceful=False)


def main() -> None:
    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 0,
            "include_dashboard": False,
            "include_log_monitor": False,
            "object_store_memory": 80 << 20,
            "_system_config": HEALTH,
        },
    )
    try:
        print(cluster.address, flush=True)
        for line in sys.stdin:
            order, argument = line.split()
            {"add": add, "lose": lose}[order](cluster, argument)
            print(line, end="", flush=True)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
