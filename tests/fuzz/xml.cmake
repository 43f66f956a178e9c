# Streams: scan, parser, trees and writer.
set(root ${PROJECT_SOURCE_DIR}/runtime)
file(GLOB sources CONFIGURE_DEPENDS ${root}/core/*.c ${root}/xml/*.c)
cfgc_fuzzer(xml
	SOURCES ${sources}
	INCLUDES ${root} ${root}/include ${LIBEV_INCLUDE}
	LIBRARIES -lexpat -lidn -lev -lm -lpthread
	ARGS -dict=${CMAKE_CURRENT_SOURCE_DIR}/xml.dict -max_len=2000)
