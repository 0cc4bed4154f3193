/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor ...: becomes the program that $REAL names.  Whatever stands in front of it costs that much. */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char *argv[], char *environment[])
{
	const char *real = getenv("REAL");

	(void)argc;
	if (real)
		execve(real, argv, environment);
	return EXIT_FAILURE;
}
