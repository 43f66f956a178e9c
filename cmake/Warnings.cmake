# The warning set of hand-written code, as an interface target; generated scanners and parsers get a relaxed one.
add_library(cfgc_warnings INTERFACE)
target_compile_options(cfgc_warnings INTERFACE
	-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wcast-qual
	-Wwrite-strings -Wundef -Werror)

add_library(cfgc_generated_warnings INTERFACE)
target_compile_options(cfgc_generated_warnings INTERFACE -Wall -Werror -Wno-unused-parameter)
