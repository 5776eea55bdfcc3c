#!/bin/sh
exec python3 /grader/checks.py
