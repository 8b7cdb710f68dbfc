"""A supplier that takes the question and never answers. No timeout: that is the bug."""

import asyncio
import os
import socket


def address():
    host, port = os.environ["SUPPLIER"].split(":")
    return host, int(port)


async def ask(sku):
    reader, writer = await asyncio.open_connection(*address())
    writer.write(f"{sku}\n".encode())
    return await reader.readline()


def blocking_ask(sku):
    with socket.create_connection(address()) as connection:
        connection.sendall(f"{sku}\n".encode())
        return connection.makefile().readline()
