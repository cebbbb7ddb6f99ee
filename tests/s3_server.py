"""An S3 server of our own for the tests: moto over real HTTP, on a port that is free."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from onevisit.store.files import Place

BUCKET = "onevisit-tests"


@dataclass(frozen=True)
class S3:
    """Where it listens; every place that is asked for is empty."""

    endpoint: str

    def settings(self) -> dict[str, str]:
        """What an operator would set, for a prefix of its own."""
        url = f"s3://{BUCKET}/{uuid4().hex}?endpoint={self.endpoint}&region=us-east-1"
        return {"url": url, "access_key": "only-for", "secret_key": "tests"}

    def place(self, folder: Place) -> Place:
        """The same place with its files in here."""
        return Place(folder.folder, folder.keyring, **self.settings())


@contextmanager
def started() -> Iterator[S3]:
    """A server with one empty bucket."""
    from boto3.session import Session
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    os.environ.setdefault("MOTO_S3_CUSTOM_ENDPOINTS", "")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        endpoint = f"http://127.0.0.1:{port}"
        client = Session("only-for", "tests", region_name="us-east-1").client(
            "s3", endpoint_url=endpoint
        )
        client.create_bucket(Bucket=BUCKET)
        yield S3(endpoint)
    finally:
        server.stop()
