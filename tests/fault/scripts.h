/* scripts.h - what peers do in the programs here: the seeds of the fuzzer of streams, one after the
 * other. */
#ifndef TESTS_SCRIPTS_H
#define TESTS_SCRIPTS_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base.h"

static uint8_t script[65536];

static size_t read_script(const char *folder, const char *name)
{
	char path[1024];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	RT_ASSERT(f != NULL);
	n = fread(script, 1, sizeof(script), f);
	fclose(f);
	return n;
}

/** Calls fn for each, with its n bytes in `script`. @return the sum of what fn returns */
static unsigned long each_script(const char *folder,
				 unsigned long (*fn)(const char *name, size_t n))
{
	unsigned long sum = 0;
	struct dirent *e;
	DIR *d = opendir(folder);

	RT_ASSERT(d != NULL);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			sum += fn(e->d_name, read_script(folder, e->d_name));
	closedir(d);
	RT_ASSERT(sum != 0);
	return sum;
}

#endif
