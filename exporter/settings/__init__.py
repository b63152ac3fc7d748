"""Reads settings from YAML files: every problem at once, each with its path. Knows no program's keys."""
