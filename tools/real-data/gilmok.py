"""Gilmok as its users meet it: the command line, and a server with its HTTP API."""

import csv
import io
import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAPPINGS = pathlib.Path(__file__).resolve().parent / "mappings"
EXAMPLES = ROOT / "examples"


class Gilmok:
    """A data folder and the commands on it. `timings` holds what each took, `(what, seconds)`."""

    def __init__(self, binary, folder, timings):
        self.command = [str(binary), "--data", str(folder), "--lang", "en"]
        self.timings = timings

    def run(self, *args, given=None):
        done = subprocess.run([*self.command, *map(str, args)], input=given, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"gilmok {args[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def timed(self, what, *args, given=None):
        began = time.monotonic()
        out = self.run(*args, given=given)
        self.timings.append((what, time.monotonic() - began))
        return out

    def import_file(self, mapping, *files):
        """The report of the import of one file, or a list of reports."""
        reports = json.loads(self.timed(f"import {files[0].name}", "--json", "import", "-m", mapping, *files))
        return reports[0] if isinstance(reports, list) and len(reports) == 1 else reports

    def ask(self, question, what=None):
        asked = self.timed(what or f"ask {question['ask']}", "ask", "-", given=json.dumps(question))
        return json.loads(asked)["answer"]

    def sql(self, query):
        """The rows of the answer."""
        return json.loads(self.timed("sql", "sql", "--format", "json", query))["rows"]

    def table(self, query):
        """All rows of the answer, as texts."""
        return list(csv.reader(io.StringIO(self.timed("sql", "sql", "--format", "csv", query))))[1:]

    def one(self, query):
        """The first cell of the answer."""
        return self.sql(query)[0][0]

    def serve(self, zone):
        """A server on this folder with an owner, whose workspace lies in `zone`."""
        return Server(self, zone)


class Server:
    """A server that runs inside a `with` block, signed in as its owner."""

    def __init__(self, gilmok, zone):
        self.gilmok, self.zone = gilmok, zone

    def __enter__(self):
        command = [*self.gilmok.command, "--json", "serve", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.send(
            "auth/setup",
            {
                "name": "Check",
                "email": "check@example.com",
                "password": "a window over the harbour",
                "workspace": "Real data",
                "zone": self.zone,
                "lang": "en",
            },
        )
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)

    def send(self, path, body):
        request = urllib.request.Request(
            f"{self.url}/api/v1/{path}", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        try:
            with self.opener.open(request, timeout=60) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read().decode()}") from error

    def ask(self, question, what=None):
        began = time.monotonic()
        answer = self.send("ask", question)["answer"]
        self.gilmok.timings.append((what or f"API {question['ask']}", time.monotonic() - began))
        return answer
