"""The tests' own ground: commits are real, and yet no test sees what another has left."""

import socket
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.db import db
from tests.applications import Client
from tests.engines import Engine, LeftOpen, prepared
from tests.network import NetworkIsClosed

TABLES = (
    "CREATE TABLE owner (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    "CREATE TABLE pet (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, "
    "FOREIGN KEY (owner_id) REFERENCES owner (id) DEFERRABLE INITIALLY DEFERRED)",
    "INSERT INTO owner VALUES (1, '王芳')",
)
