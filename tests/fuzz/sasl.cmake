# SASL exchanges and base64.
set(root ${PROJECT_SOURCE_DIR}/runtime)
file(GLOB sources CONFIGURE_DEPENDS ${root}/core/*.c)
cfgc_fuzzer(sasl
	SOURCES ${sources} ${root}/xml/jid.c ${root}/stream/base64.c ${root}/stream/password.c ${root}/stream/sasl.c
		${root}/stream/scram.c
	INCLUDES ${root} ${root}/include ${LIBEV_INCLUDE}
	LIBRARIES -lcrypto -lidn -lev -lm -lpthread
	ARGS -max_len=512)
