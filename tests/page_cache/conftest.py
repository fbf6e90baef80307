"""A gateway that keeps the pages of a small site."""

import pytest

from recovery.gateway import Gateway
from recovery.page_cache.front import Front
from tests.page_cache.asking import HOSTS, Database, Site


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def site(database):
    return Site(database)


@pytest.fixture
def gateway(site, database):
    front = Front(database, HOSTS)
    return Gateway(site, threads=4, client_of=lambda environ: "", pages=front)
