"""cfgc fmt."""
import glob
import os
import shutil

import support

UGLY = """%% head\t
{hosts,[ "a.example",
"b.example" ] } .   {loglevel , 4}. % level



%% list of listeners
{ listen,
 [ % all
     {5222,ejabberd_c2s,[ {access , c2s},   % who
  starttls % tls
]},


  %% off: {5223, x}
    { {5269,"::"} , ejabberd_s2s_in, [{map,#{a=>1 , b   => 2}}]}
 ] }.
{text, "two
   lines"}.\t
{bin, <<"a">>, << 1,2 >>, $ , $,, - 1}.

"""

NEAT = """%% head
{hosts, ["a.example",
  "b.example"]}.
{loglevel, 4}.  % level


%% list of listeners
{listen,
  [                                       % all
    {5222, ejabberd_c2s, [{access, c2s},  % who
      starttls                            % tls
    ]},

    %% off: {5223, x}
    {{5269, "::"}, ejabberd_s2s_in, [{map, #{a => 1, b => 2}}]}
]}.
{text, "two
   lines"}.
{bin, <<"a">>, << 1, 2 >>, $ , $,, - 1}.
"""


def configurations():
    yield from sorted(glob.glob(os.path.join(support.SOURCE_DIR, "examples", "**", "*.cfg"), recursive=True))
    yield from sorted(glob.glob(os.path.join(support.SOURCE_DIR, "tests", "**", "*.cfg"), recursive=True))
    folder = os.environ.get("CFGC_CORPUS", "")
    if folder:
        yield from sorted(glob.glob(os.path.join(folder, "**", "*.cfg"), recursive=True))


def claim_the_layout_is_this_one(s):
    s.write("a.cfg", UGLY)
    s.run("fmt", "a.cfg")
    assert s.read("a.cfg") == NEAT, s.read("a.cfg")


def claim_a_neat_file_is_not_touched(s):
    path = s.write("a.cfg", NEAT)
    os.utime(path, (1, 1))
    s.run("fmt", "a.cfg")
    assert os.stat(path).st_mtime == 1


def claim_check_names_the_file_and_writes_nothing(s):
    s.write("a.cfg", UGLY)
    s.write("b.cfg", NEAT)
    assert s.run("fmt", "--check", "a.cfg", status=1).out == "a.cfg\n"
    assert s.read("a.cfg") == UGLY
    assert s.run("fmt", "--check", "b.cfg").out == ""
    assert "+{hosts, [" in s.run("fmt", "--diff", "a.cfg", status=1).out
    assert s.read("a.cfg") == UGLY


def claim_standard_input_goes_to_standard_output(s):
    assert s.run("fmt", "-", stdin=UGLY.encode()).out == NEAT


def claim_a_file_with_a_syntax_error_is_left_alone(s):
    text = UGLY + "{a, [}.\n"
    s.write("a.cfg", text)
    assert "error[E01" in s.run("fmt", "a.cfg", status=1).err
    assert s.read("a.cfg") == text
    s.run("fmt", "gone.cfg", status=3)


def claim_several_files_are_laid_out_and_a_broken_one_stops_none(s):
    for name, text in (("a", "{ a,1 }.\n"), ("b", "{ a,1 .\n"), ("c", "{ c,1 }.\n")):
        s.write(name, text)
    assert s.run("fmt", "--check", "a", "c", status=1).out == "a\nc\n"
    done = s.run("fmt", "a", "b", "absent", "c", status=3)
    assert "b:1:" in done.err and "absent" in done.err
    assert (s.read("a"), s.read("b"), s.read("c")) == ("{a, 1}.\n", "{ a,1 .\n", "{c, 1}.\n")


def claim_latin1_and_its_declaration_survive(s):
    s.write("a.cfg", b"%% -*- coding: latin-1 -*-\n{ a,\"caf\xe9\" }.\r\n")
    s.run("fmt", "a.cfg")
    with open(os.path.join(s.path, "a.cfg"), "rb") as f:
        assert f.read() == b"%% -*- coding: latin-1 -*-\n{a, \"caf\xe9\"}.\n"


def claim_a_comment_does_not_become_a_declaration(s):
    s.write("a.cfg", "\n\n\n\n%% -*- coding: latin-1 -*-\n{a, \"é\"}.\n")
    before = s.terms("a.cfg")
    s.run("fmt", "a.cfg")
    assert s.terms("a.cfg") == before


def claim_terms_stay_and_a_second_run_changes_nothing(s):
    ntried = 0
    for path in configurations():
        shutil.copyfile(path, os.path.join(s.path, "a.cfg"))
        before = s.run("terms", "a.cfg", status=None)
        if before.returncode != 0:
            continue
        ntried += 1
        s.run("fmt", "a.cfg")
        assert s.terms("a.cfg") == before.out, path
        assert s.run("fmt", "--check", "a.cfg", status=None).out == "", path
    assert ntried >= 10, ntried


support.main(globals())
