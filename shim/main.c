#include "applet.h"
#include "command.h"
#include "process.h"
#include "shim.h"

int main(int argc, char *argv[])
{
	struct applet a;

	process_begin();
	if (argc > 0 && applet_find(&a, argv[0]))
		return shim_main(a, argc, argv);
	if (argc > 1 && applet_find(&a, argv[1]))
		return shim_main(a, argc - 1, argv + 1);
	return command_main(argc - 1, argv + 1);
}
