"""`grade watch`: grade a file each time that it is saved.

`loop` decides what happens, `screen` shows it, `keys` and `files` say what the person did, and
`judge` holds the process that grades, which stays warm between two saves (`bench`).
"""
