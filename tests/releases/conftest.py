"""A package index, served on this machine."""

import http.server
import json
import threading

import pytest

from eam.releases import index


def wheel(name, when, **more):
    return {"filename": f"{name}-py3-none-any.whl", "upload-time": when, "url": "x", **more}


PAGES = {
    "autograd": [
        wheel("autograd-1.4", "2022-04-08T00:00:00Z"),
        wheel("autograd-1.5", "2022-09-29T07:09:36.5Z"),
        wheel("autograd-1.6", "2020-02-02T00:00:00Z"),
        wheel("autograd-1.7.0", "2024-08-22T00:00:00Z", yanked="broken"),
        wheel("autograd-1.8.0rc1", "2025-01-01T00:00:00Z"),
        wheel("autograd-1.8.0", "2025-05-05T00:00:00Z", **{"requires-python": ">=3.12"}),
        {"filename": "autograd-1.8.0.win32.exe", "url": "x"},
    ],
    "jax": [
        wheel("jax-0.4.37", "2024-12-10T00:00:00Z"),
        wheel("jax-0.4.38", "2024-12-17T00:00:00Z"),
    ],
    "jaxlib": [
        {**wheel("", when), "filename": f"jaxlib-{v}-{tag}-{tag}-manylinux2014_x86_64.whl"}
        for v, tag, when in [
            ("0.4.36", "cp311", "2024-12-05T00:00:00Z"),
            ("0.4.38", "cp312", "2024-12-17T00:00:00Z"),
            ("0.5.0", "cp311", "2025-01-17T00:00:00Z"),
        ]
    ],
    "numba": [
        {**wheel("", "2025-04-09T01:00:00Z"), "filename": "numba-0.61.2-cp311-cp311-any.whl"}
    ],
    "llvmlite": [
        {**wheel("", when), "filename": f"llvmlite-{version}-cp311-cp311-any.whl"}
        for version, when in [
            ("0.44.0", "2025-01-20T00:00:00Z"),
            ("0.45.0", "2025-09-18T00:00:00Z"),
        ]
    ],
}


class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        files = PAGES.get(self.path.strip("/").split("/")[-1])
        self.send_response(200 if files else 404)
        self.end_headers()
        if files and "json" in self.headers["Accept"]:
            self.wfile.write(json.dumps({"files": files}).encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def served(monkeypatch):
    """pip is set up to use an index on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    index._address.cache_clear()
    yield
    server.shutdown()
    server.server_close()
    index._address.cache_clear()
