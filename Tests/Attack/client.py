"""A client of HTTP/1.1 on asyncio that can do what no honest client does: send a body slowly, and hang up."""

import asyncio
import dataclasses
import json
import time

# Answers are kept up to this size; the rest is counted.
KEPT = 4 << 20


@dataclasses.dataclass
class Answer:
    """An answer, or its absence: then `status` is None, and `code` says why."""
    status: int | None
    code: str = ""
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""
    length: int = 0
    seconds: float = 0

    def json(self):
        return json.loads(self.body)


class Client:
    """Requests of one user from one address of the loopback; connections are kept."""

    def __init__(self, port, source, token=None):
        self.port, self.source, self.token, self.idle = port, source, token, []

    async def send(self, method, path, body=None, *, port=None, headers=None, length=None, give_up=None, timeout=120):
        """Sends a request and returns its answer.

        `body` is a value for JSON, bytes, or an asynchronous generator of bytes, whose `length` is announced. After
        `give_up` seconds the client hangs up, and after `timeout` seconds without an answer.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(give_up or timeout):
                answer = await self.exchange(method, path, body, port or self.port, headers or {}, length)
        except TimeoutError:
            answer = Answer(None, "given_up" if give_up else "no_answer")
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            answer = Answer(None, f"cut_off ({type(error).__name__})")
        answer.seconds = time.monotonic() - began
        return answer

    async def exchange(self, method, path, body, port, headers, length):
        head = {"Host": f"127.0.0.1:{port}"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        if body is not None:
            head["Content-Length"] = length if length is not None else len(body)
            head["Content-Type"] = "application/json"
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (head | headers).items())]
        reader, writer = await self.connection(port)
        sending = None
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode())
            if body is not None:
                # A server may answer before it has read all of it.
                sending = asyncio.create_task(self.send_body(writer, body))
            answer = await self.receive(reader, method)
            if (sending is None or sending.done()) and answer.headers.get("connection") != "close":
                self.idle.append((port, reader, writer))
                writer = None
            return answer
        finally:
            if sending is not None:
                sending.cancel()
            if writer is not None:
                writer.transport.abort()

    async def connection(self, port):
        for index, (its_port, reader, writer) in enumerate(self.idle):
            if its_port == port:
                del self.idle[index]
                if not reader.at_eof() and not writer.is_closing():
                    return reader, writer
                return await self.connection(port)
        return await asyncio.open_connection("127.0.0.1", port, local_addr=(self.source, 0), limit=1 << 18)

    async def send_body(self, writer, body):
        try:
            if isinstance(body, bytes):
                for start in range(0, len(body), 1 << 18):
                    writer.write(body[start:start + (1 << 18)])
                    await writer.drain()
            else:
                async for part in body:
                    writer.write(part)
                    await writer.drain()
        except OSError:
            pass  # the answer says why, if there is one

    async def receive(self, reader, method):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        answer = Answer(int(head[0].split()[1]))
        for line in head[1:-2]:
            name, _, value = line.partition(":")
            answer.headers[name.lower()] = value.strip()
        kept = []
        async for part in self.parts(reader, answer, method):
            if answer.length < KEPT:
                kept.append(part)
            answer.length += len(part)
        answer.body = b"".join(kept)
        if "problem" in answer.headers.get("content-type", ""):
            answer.code = answer.json().get("code", "")
        return answer

    async def parts(self, reader, answer, method):
        if answer.headers.get("transfer-encoding") == "chunked":
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                async for part in self.exactly(reader, size):
                    yield part
                await reader.readexactly(2)
            await reader.readexactly(2)
        elif method != "HEAD" and answer.status not in (204, 304):
            async for part in self.exactly(reader, int(answer.headers.get("content-length", "0"))):
                yield part

    async def exactly(self, reader, size):
        while size:
            part = await reader.read(min(size, 1 << 18))
            if not part:
                raise asyncio.IncompleteReadError(b"", size)
            size -= len(part)
            yield part

    def close(self):
        for _, _, writer in self.idle:
            writer.transport.abort()
        self.idle = []
