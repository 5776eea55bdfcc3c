#!/bin/sh
exec python3 checks.py
