/* place.h - where in the configuration something was said, as text for logs. */
#ifndef RT_CORE_PLACE_H
#define RT_CORE_PLACE_H

#include "core/base.h"
#include "rt/gen.h"

#define RT_PLACE_MAX 512u /* bytes; longer file names lose their beginning */

/** "mongooseim.cfg:301", or "default" for a value that nobody wrote. out holds RT_PLACE_MAX bytes.
 * @return the text in out */
struct rt_str rt_place(const struct rt_gen *gen, struct rt_at at, char *out);

#endif
