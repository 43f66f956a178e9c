# Addresses.
set(root ${PROJECT_SOURCE_DIR}/runtime)
file(GLOB sources CONFIGURE_DEPENDS ${root}/core/*.c)
cfgc_fuzzer(jid
	SOURCES ${sources} ${root}/xml/jid.c
	INCLUDES ${root} ${root}/include ${LIBEV_INCLUDE}
	LIBRARIES -lidn -lev -lm -lpthread
	ARGS -max_len=300)
