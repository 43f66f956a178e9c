/* main.c - where a generated server begins. */
#include "app/app.h"

int main(int argc, char **argv)
{
	return rt_app_main(&rt_gen, argc, argv);
}
