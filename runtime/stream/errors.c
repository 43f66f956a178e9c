/* errors.c - the table of errors.h, and how an error looks on the wire. */
#include "stream/errors.h"
#include "xml/xml_writer.h"

static const struct {
	const char *condition, *text;
} errors[] = {
#define X(name, condition, text) [RT_STREAM_##name] = {condition, text},
	RT_STREAM_ERRORS(X)
#undef X
};

const char *rt_stream_error_condition(enum rt_stream_error e)
{
	return errors[e].condition;
}

const char *rt_stream_error_text(enum rt_stream_error e)
{
	return errors[e].text;
}

void rt_stream_error_write(struct rt_buf *out, const char *condition, const char *text)
{
	rt_buf_addz(out, "<stream:error><");
	rt_buf_addz(out, condition);
	rt_buf_addz(out, " xmlns='" RT_NS_STREAM_ERRORS "'/>");
	if (text != NULL) {
		rt_buf_addz(out, "<text xmlns='" RT_NS_STREAM_ERRORS "' xml:lang='en'>");
		rt_xml_write_text(out, rt_str_of(text));
		rt_buf_addz(out, "</text>");
	}
	rt_buf_addz(out, "</stream:error>");
}
