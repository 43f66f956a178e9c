/* terms.y - one form of the configuration language: a term and its full stop.
 *
 * The grammar knows more of Erlang than the language has: operators, calls and variables parse, and build a node that
 * is no constant. That is how file:consult(3) works, and it lets the driver say "only constants are allowed here"
 * at the right place and go on with the rest of the form.
 *
 * Actions only build, one call each; the functions are in cfgc/syntax/build.c. Everything lies in the arena.
 */
%include {
/* terms.c - generated from grammar/terms.y. */
#include <stdlib.h>

#include "syntax/parse.h"

#define YYNOERRORRECOVERY 1 /* the driver recovers, form by form */

struct yyParser;
static bool would_take(struct yyParser *automaton, int token);
}

%name          cfg_parser
%token_prefix  TOK_
%token_type    { struct token }
%extra_context { struct parse *ps }
%stack_size    0 /* grows; the driver limits the depth */
%default_destructor { (void)ps; (void)yypminor; }

%syntax_error {
	(void)yymajor;
	ps->failed = true;
	ps->unexpected = TOKEN;
	ps->expected = 0;
	for (int t = 1; t < YYNTOKEN; t++)
		if (would_take(yypParser, t))
			ps->expected |= UINT64_C(1) << t;
}
%stack_overflow { parse_out_of_memory(); }

%type exprs    { struct nodes * }
%type expr     { struct node }
%type primary  { struct node }
%type strings  { struct pieces * }
%type map      { struct node }
%type pairs    { struct nodes * }
%type pair     { struct nodes * }
%type call     { struct node }
%type update   { struct node }
%type updated  { struct node }
%type quals    { struct nodes * }
%type segments { struct segments * }
%type segment  { struct segment * }
%type bits     { struct node }
%type size     { struct node }
%type types    { struct segment * }
%type typelist { struct segment * }

%right    MATCH LARROW CATCH.
%left     ORELSE.
%left     ANDALSO.
%nonassoc COMPARE.
%right    LISTOP.
%left     PLUS MINUS ADDOP.
%left     SLASH MULOP.
%nonassoc PREFIX.
%nonassoc HASH.
%nonassoc COLON.

/* ---- a form ---- */

form ::= exprs(E) DOT(D).                              { build_form(ps, E, D); }
exprs(A) ::= expr(E).                                  { A = build_nodes(ps, NULL, E); }
exprs(A) ::= exprs(L) COMMA expr(E).                   { A = build_nodes(ps, L, E); }

/* ---- constants ---- */

primary(A) ::= ATOM(T).                                { A = build_atom(ps, T); }
primary(A) ::= INT(T).                                 { A = build_int(ps, T); }
primary(A) ::= CHAR(T).                                { A = build_char(ps, T); }
primary(A) ::= FLOAT(T).                               { A = build_float(ps, T); }
primary(A) ::= strings(S).                             { A = build_string(ps, S); }
strings(A) ::= STRING(T).                              { A = build_piece(ps, NULL, T); }
strings(A) ::= strings(S) STRING(T).                   { A = build_piece(ps, S, T); }

primary(A) ::= LBRACE(L) RBRACE(R).                    { A = build_tuple(ps, L, NULL, R); }
primary(A) ::= LBRACE(L) exprs(E) RBRACE(R).           { A = build_tuple(ps, L, E, R); }
primary(A) ::= LBRACK(L) RBRACK(R).                    { A = build_list(ps, L, NULL, NULL, R); }
primary(A) ::= LBRACK(L) exprs(E) RBRACK(R).           { A = build_list(ps, L, E, NULL, R); }
primary(A) ::= LBRACK(L) exprs(E) BAR expr(T) RBRACK(R). { A = build_list(ps, L, E, &T, R); }
primary(A) ::= LPAREN(L) expr(E) RPAREN(R).            { A = build_parens(ps, L, E, R); }

expr(A) ::= primary(P).                                { A = P; }
expr(A) ::= MINUS(O) expr(E). [PREFIX]                 { A = build_sign(ps, O, E); }
expr(A) ::= PLUS(O) expr(E). [PREFIX]                  { A = build_sign(ps, O, E); }

primary(A) ::= FUN(F) ATOM(M) COLON ATOM(N) SLASH INT(I). { A = build_fun(ps, F, M, N, I); }

/* ---- maps ---- */

expr(A) ::= map(M).                                    { A = M; }
map(A) ::= HASH(H) LBRACE RBRACE(R).                   { A = build_map(ps, H, NULL, R); }
map(A) ::= HASH(H) LBRACE pairs(P) RBRACE(R).          { A = build_map(ps, H, P, R); }
pairs(A) ::= pair(P).                                  { A = P; }
pairs(A) ::= pairs(L) COMMA pair(P).                   { A = build_nodes_joined(ps, L, P); }
pair(A) ::= expr(K) ARROW expr(V).                     { A = build_nodes(ps, build_nodes(ps, NULL, K), V); }
pair(A) ::= expr(K) ASSIGN(O) expr(V).                 { A = build_nodes(ps, build_nodes(ps, NULL, K), build_operation(ps, K, O, V)); }

/* ---- binaries ---- */

primary(A) ::= LBIN(L) RBIN(R).                        { A = build_binary(ps, L, NULL, R); }
primary(A) ::= LBIN(L) segments(S) RBIN(R).            { A = build_binary(ps, L, S, R); }
segments(A) ::= segment(S).                            { A = build_segments(ps, NULL, S); }
segments(A) ::= segments(L) COMMA segment(S).          { A = build_segments(ps, L, S); }
segment(A) ::= bits(V) size(S) types(T).               { A = build_segment(ps, V, S, T); }
bits(A) ::= primary(P).                                { A = P; }
bits(A) ::= MINUS(O) primary(P).                       { A = build_sign(ps, O, P); }
bits(A) ::= PLUS(O) primary(P).                        { A = build_sign(ps, O, P); }
bits(A) ::= PREFIX(O) primary(P).                      { A = build_operation(ps, P, O, P); }
size(A) ::= .                                          { A = (struct node){NULL, 0}; }
size(A) ::= COLON primary(P).                          { A = P; }
types(A) ::= .                                         { A = NULL; }
types(A) ::= SLASH typelist(T).                        { A = T; }
typelist(A) ::= ATOM(N).                               { A = build_type(ps, NULL, N, NULL); }
typelist(A) ::= ATOM(N) COLON INT(U).                  { A = build_type(ps, NULL, N, &U); }
typelist(A) ::= typelist(L) MINUS ATOM(N).             { A = build_type(ps, L, N, NULL); }
typelist(A) ::= typelist(L) MINUS ATOM(N) COLON INT(U). { A = build_type(ps, L, N, &U); }

/* ---- Erlang that is no constant ---- */

primary(A) ::= VARIABLE(T).                            { A = build_variable(ps, T); }
primary(A) ::= FUN(F) ATOM SLASH INT(I).               { A = build_not_constant(ps, F, I); }
primary(A) ::= LBRACK(L) expr BARBAR quals RBRACK(R).  { A = build_not_constant(ps, L, R); }
quals(A) ::= qual.                                     { A = NULL; }
quals(A) ::= quals COMMA qual.                         { A = NULL; }
qual ::= expr.
qual ::= expr LARROW expr.
expr(A) ::= call(C).                                   { A = C; }
call(A) ::= primary(P) COLON(O) primary(Q).            { A = build_operation(ps, P, O, Q); }
call(A) ::= primary(P) LPAREN RPAREN(R).               { A = build_call(ps, P, R); }
call(A) ::= primary(P) LPAREN exprs RPAREN(R).         { A = build_call(ps, P, R); }
call(A) ::= primary(P) COLON primary LPAREN RPAREN(R). { A = build_call(ps, P, R); }
call(A) ::= primary(P) COLON primary LPAREN exprs RPAREN(R). { A = build_call(ps, P, R); }
expr(A) ::= HASH(H) ATOM LBRACE RBRACE(R).             { A = build_not_constant(ps, H, R); }
expr(A) ::= HASH(H) ATOM LBRACE exprs RBRACE(R).       { A = build_not_constant(ps, H, R); }
expr(A) ::= update(U).                                 { A = U; }
update(A) ::= updated(P) HASH LBRACE RBRACE(R).        { A = build_call(ps, P, R); }
update(A) ::= updated(P) HASH LBRACE pairs RBRACE(R).  { A = build_call(ps, P, R); }
update(A) ::= updated(P) HASH ATOM LBRACE RBRACE(R).   { A = build_call(ps, P, R); }
update(A) ::= updated(P) HASH ATOM LBRACE exprs RBRACE(R). { A = build_call(ps, P, R); }
updated(A) ::= primary(P).                             { A = P; }
updated(A) ::= map(M).                                 { A = M; }
updated(A) ::= update(U).                              { A = U; }
expr(A) ::= CATCH(O) expr(E).                          { A = build_operation(ps, E, O, E); }
expr(A) ::= PREFIX(O) expr(E).                         { A = build_operation(ps, E, O, E); }
expr(A) ::= expr(L) MATCH(O) expr(R).                  { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) ORELSE(O) expr(R).                 { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) ANDALSO(O) expr(R).                { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) COMPARE(O) expr(R).                { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) LISTOP(O) expr(R).                 { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) PLUS(O) expr(R).                   { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) MINUS(O) expr(R).                  { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) ADDOP(O) expr(R).                  { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) SLASH(O) expr(R).                  { A = build_operation(ps, L, O, R); }
expr(A) ::= expr(L) MULOP(O) expr(R).                  { A = build_operation(ps, L, O, R); }

/* Tokens that no rule uses: the scanner knows them, no form has them. */
%token RESERVED OTHER STRAYDOT.

%code {
/* Would the automaton shift this token, after whatever reductions? The tables alone do not tell: states that differ only
 * in what may follow are merged. Walks the reductions on a shadow of the stack, which is the lower part of the real one
 * and a few states on top of it. */
static bool would_take(struct yyParser *automaton, int token)
{
	enum { SHADOW = 16 }; /* no reduction chain leaves more than one state per reduction behind */
	YYACTIONTYPE shadow[SHADOW];
	yyStackEntry *real = automaton->yytos;
	int n = 0;

	for (;;) {
		YYACTIONTYPE state = n > 0 ? shadow[n - 1] : real->stateno;
		YYACTIONTYPE action = yy_find_shift_action((YYCODETYPE)token, state);
		unsigned rule;
		int pop;

		if (action < YY_MIN_REDUCE)
			return action <= YY_MAX_SHIFTREDUCE || action == YY_ACCEPT_ACTION;
		rule = action - YY_MIN_REDUCE;
		for (pop = -yyRuleInfoNRhs[rule]; pop > 0 && n > 0; pop--)
			n--;
		real -= pop;
		if (n == SHADOW)
			return true;
		state = n > 0 ? shadow[n - 1] : real->stateno;
		shadow[n++] = yy_find_reduce_action(state, yyRuleInfoLhs[rule]);
	}
}
}
