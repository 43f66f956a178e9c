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

static void write_text(struct rt_buf *out, const char *text, const char *lang)
{
	if (lang == NULL) {
		rt_buf_addz(out, "<text xmlns='" RT_NS_STREAM_ERRORS "' xml:lang='en'>");
	} else {
		rt_buf_addz(out, "<text xml:lang='");
		rt_xml_write_attr_value(out, rt_str_of(lang));
		rt_buf_addz(out, "' xmlns='" RT_NS_STREAM_ERRORS "'>");
	}
	rt_xml_write_text(out, rt_str_of(text));
	rt_buf_addz(out, "</text>");
}

void rt_stream_error_write(struct rt_buf *out, const char *condition, const char *text,
			   const char *lang)
{
	rt_buf_addz(out, "<stream:error><");
	rt_buf_addz(out, condition);
	rt_buf_addz(out, " xmlns='" RT_NS_STREAM_ERRORS "'/>");
	if (text != NULL)
		write_text(out, text, lang);
	rt_buf_addz(out, "</stream:error>");
}
