/* lexer.re - bytes to tokens, as erl_scan(3) of OTP 19 to 26 cuts them.
 *
 * Text is valid UTF-8 (source.c has seen to that) with a NUL behind its end. No rule fails: every delimited token has a
 * twin for the case that its end is missing, and a character that begins nothing is a token as well.
 */
#include "syntax/lexer.h"

/* White space, a comment or the end behind a '.' make it a full stop. */
static bool ends_form(const struct lexer *lx)
{
	const unsigned char *p = lx->cur;

	if (p == lx->end || *p <= 0x20 || *p == '%')
		return true;
	return p[0] == 0xC2 && p[1] >= 0x80 && p[1] <= 0xA0;
}

struct token lexer_next(struct lexer *lx)
{
	const unsigned char *start;
	uint8_t kind;
again:
	start = lx->cur;
	/*!re2c
	re2c:define:YYCTYPE  = "unsigned char";
	re2c:define:YYCURSOR = lx->cur;
	re2c:define:YYMARKER = lx->mark;
	re2c:define:YYLIMIT  = lx->end;
	re2c:yyfill:enable   = 0;
	re2c:eof             = 0;
	re2c:encoding:utf8   = 1;

	lower    = [a-z\u00DF-\u00F6\u00F8-\u00FF];
	upper    = [A-Z\u00C0-\u00D6\u00D8-\u00DE];
	digit    = [0-9];
	digits   = digit+ ("_" digit+)*;
	name     = lower | upper | digit | [_@];
	alnum    = [0-9a-zA-Z];
	nochar   = [\uFFFE\uFFFF];
	escape   = "\\" ("^" [^] | [^^]);

	[ \t\r\n\f]+                             { goto again; }
	"%" ([^\n] \ nochar)*                    { goto again; }
	[\x00-\x20\u0080-\u00A0]                 { kind = TOK_ODD_SPACE;    goto done; }

	"."                                      { kind = ends_form(lx) ? TOK_DOT : TOK_STRAYDOT; goto done; }
	"{"                                      { kind = TOK_LBRACE;       goto done; }
	"}"                                      { kind = TOK_RBRACE;       goto done; }
	"["                                      { kind = TOK_LBRACK;       goto done; }
	"]"                                      { kind = TOK_RBRACK;       goto done; }
	"("                                      { kind = TOK_LPAREN;       goto done; }
	")"                                      { kind = TOK_RPAREN;       goto done; }
	"<<"                                     { kind = TOK_LBIN;         goto done; }
	">>"                                     { kind = TOK_RBIN;         goto done; }
	","                                      { kind = TOK_COMMA;        goto done; }
	"|"                                      { kind = TOK_BAR;          goto done; }
	"||"                                     { kind = TOK_BARBAR;       goto done; }
	"#"                                      { kind = TOK_HASH;         goto done; }
	":"                                      { kind = TOK_COLON;        goto done; }
	"/"                                      { kind = TOK_SLASH;        goto done; }
	"-"                                      { kind = TOK_MINUS;        goto done; }
	"+"                                      { kind = TOK_PLUS;         goto done; }
	"=>"                                     { kind = TOK_ARROW;        goto done; }
	":="                                     { kind = TOK_ASSIGN;       goto done; }
	"=" | "!"                                { kind = TOK_MATCH;        goto done; }
	"<-" | "<="                              { kind = TOK_LARROW;       goto done; }
	"==" | "/=" | "=<" | "<" | ">" | ">=" | "=:=" | "=/=" { kind = TOK_COMPARE; goto done; }
	"++" | "--"                              { kind = TOK_LISTOP;       goto done; }
	"*"                                      { kind = TOK_MULOP;        goto done; }
	"->" | "::"                              { kind = TOK_OTHER;        goto done; }

	digits                                   { kind = TOK_INT;          goto done; }
	digits "#" alnum+ ("_" alnum+)*          { kind = lexer_based(lx, start); goto done; }
	digits "#"                               { kind = TOK_BAD_INT;      goto done; }
	digits "." digits ([eE] [-+]? digits)?   { kind = TOK_FLOAT;        goto done; }
	digits "." digits [eE] [-+]?             { kind = TOK_BAD_FLOAT;    goto done; }

	lower name*                              { kind = lexer_word(start, lx->cur); goto done; }
	(upper | "_") name*                      { kind = TOK_VARIABLE;     goto done; }
	"'" ([^'\\] | escape)* "'"               { kind = TOK_ATOM;         goto done; }
	"'" ([^'\\] | escape)* "\\"?             { kind = TOK_BAD_ATOM;     goto done; }
	["] ([^"\\] | escape)* ["]               { kind = TOK_STRING;       goto done; }
	["] ([^"\\] | escape)* ("\\" "^"?)?      { kind = TOK_BAD_STRING;   goto done; }
	"$" [^\\]                                { kind = TOK_CHAR;         goto done; }
	"$" escape                               { kind = TOK_CHAR;         goto done; }
	"$\\" [0-7]{2,3}                         { kind = TOK_CHAR;         goto done; }
	"$\\x" [0-9a-fA-F]{2}                    { kind = TOK_CHAR;         goto done; }
	"$\\x{" [0-9a-fA-F]+ "}"                 { kind = TOK_CHAR;         goto done; }
	"$" ("\\" "^"?)?                         { kind = TOK_BAD_CHAR;     goto done; }

	[\x21-\x7F\u00A1-\u00BF\u00D7\u00F7]     { kind = TOK_OTHER;        goto done; }
	[\u0100-\U0010FFFF]+                     { kind = TOK_BAD_CODE;     goto done; }
	[^]                                      { kind = TOK_BAD_CODE;     goto done; }
	$                                        { kind = TOK_EOF;          goto done; }
	*                                        { kind = TOK_BAD_CODE;     goto done; }
	*/
done:
	return (struct token){
		.at   = {lx->file, (uint32_t)(start - lx->base), (uint32_t)(lx->cur - start)},
		.kind = kind,
	};
}
