/* real_version.h - asks a program for its --version. */
#ifndef REAL_VERSION_H
#define REAL_VERSION_H

#include "kernel.h"

/*
 * Runs `path` as `name` with --version, with nothing to read and two seconds of
 * time, and reads the backend from "NAME v1.8.9 (nf_tables)".
 */
enum backend real_version_backend(const char *path, const char *name);

/* A version as one number; 0 if it can't be told. */
#define REAL_VERSION(a, b, c) ((a) * 10000 + (b) * 100 + (c))
#define REAL_VERSION_FORMAT "%d.%d.%d"
#define REAL_VERSION_ARGS(version) (version) / 10000, (version) / 100 % 100, (version) % 100
int real_version_number(const char *path, const char *name);

/* The backend from what it printed; before 1.8 there was nothing but legacy, unsaid. */
enum backend real_version_parse(const char *printed);

#endif
