# The program and its course in an image, for who wants to install nothing:
#
#     docker build -t torchgrade .
#     docker run --rm -it -v "$PWD/my-exercises:/work" torchgrade init .
#     docker run --rm -it --network none -v "$PWD/my-exercises:/work" torchgrade exercise 3
#
# Which walls the sandbox has in there depends on the machine's kernel and on what the engine lets a
# container do: docker run --rm torchgrade doctor
FROM python:3.11-slim-bookworm

# libseccomp is one of the walls.
RUN apt-get update && apt-get install -y --no-install-recommends libseccomp2 && rm -rf /var/lib/apt/lists/*

# torch for the CPU first, in a layer of its own: it is the large one, and seldom changes.
COPY constraints.txt /tmp/torchgrade/
RUN pip install --no-cache-dir -c /tmp/torchgrade/constraints.txt torch --index-url https://download.pytorch.org/whl/cpu

COPY . /tmp/torchgrade
RUN pip install --no-cache-dir -c /tmp/torchgrade/constraints.txt "/tmp/torchgrade[mcp]" && rm -rf /tmp/torchgrade

# Nobody grades as root here; the number is that of the first user of most machines, so that files in
# a folder of theirs stay theirs.
RUN useradd --create-home --uid 1000 learner && mkdir /work && chown learner /work
USER learner
WORKDIR /work

# What walls there are while the image is built is in its log; it does not decide about the image.
RUN grade doctor || true

ENTRYPOINT ["grade"]
CMD ["list"]
