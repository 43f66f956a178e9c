# Whole connections: everything of the server but its threads, its database and TLS.
set(root ${PROJECT_SOURCE_DIR}/runtime)
set(sources)
foreach(layer core net xml policy route stream c2s component modules)
	file(GLOB files CONFIGURE_DEPENDS ${root}/${layer}/*.c)
	list(APPEND sources ${files})
endforeach()
list(REMOVE_ITEM sources ${root}/core/worker.c) # the harness does the work at once
set(image ${CMAKE_CURRENT_BINARY_DIR}/stream_image)
add_custom_command(OUTPUT ${image}/server.c
	COMMAND cfgc emit -W W0522=off -d ${image} ${PROJECT_SOURCE_DIR}/tests/support/peers.cfg
	DEPENDS cfgc ${PROJECT_SOURCE_DIR}/tests/support/peers.cfg
	VERBATIM)
cfgc_fuzzer(stream
	SOURCES ${sources} ${root}/app/abi.c ${PROJECT_SOURCE_DIR}/tests/support/fake_store.c ${image}/server.c
	INCLUDES ${root} ${root}/include ${PROJECT_SOURCE_DIR}/tests/support ${LIBEV_INCLUDE}
	DEPENDS ${image}/server.c
	LIBRARIES -lssl -lcrypto -lexpat -lidn -lpcre2-8 -lev -lm -lpthread
	RUNS 3000
	ARGS -dict=${CMAKE_CURRENT_SOURCE_DIR}/stream.dict -max_len=4000)
