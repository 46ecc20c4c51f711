import pytest

from helpers.core.console import LabError
from helpers.pipeline import parameters
from helpers.sweep import roster

HEADER = "name,id,profile,EPOCHS,TRAININGS"


@pytest.fixture
def read(tmp_path):
    def read(text):
        file = tmp_path / "roster.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return roster.read(file)

    return read


def test_a_line_is_a_person_with_the_parameters_of_its_cells(read):
    ann, bo = read(
        f'{HEADER}\n"Müller, Änne",m-001,quick,3,"mlp:lab:2,cnn:strong:1:4"\n Bo , m_2 ,,,\n'
    )
    assert (ann.name, ann.id, ann.profile) == ("Müller, Änne", "m-001", "quick")
    assert ann.settings == ["EPOCHS=3", "TRAININGS=mlp:lab:2,cnn:strong:1:4"]
    assert ann.values == parameters.profile("quick") | {
        "EPOCHS": 3,
        "TRAININGS": [["mlp", "lab", 2, None], ["cnn", "strong", 1, 4]],
    }
    assert (bo.name, bo.id, bo.profile, bo.settings) == ("Bo", "m_2", "standard", [])
    assert bo.values == parameters.profile("standard")


def test_a_roster_is_read_as_excel_saves_it(read):
    (ann,) = read(b"\xef\xbb\xbfid;name;EPOCHS\r\n7;M\xc3\xbcller, Ann;2\r\n;;\r\n")
    assert (ann.name, ann.id, ann.settings) == ("Müller, Ann", "7", ["EPOCHS=2"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "roster.csv is empty; begin it with the line name,id"),
        ("name,id\n", "roster.csv names nobody; write a line for each person"),
        ("name\nAnn\n", "roster.csv has no column id; its first line names the columns, name and"),
        ("name,id,Epochs\nA,1,2\n", "roster.csv: Epochs is not a column (did you mean EPOCHS?); "),
        ("name,id,PROFILE\nA,1,2\n", "roster.csv: PROFILE is not a column (did you mean profile?)"),
        ("name,id,\nA,1,2\n", "roster.csv: a column without a name is not a column; allowed are "),
        ("name,id,id\nA,1,2\n", "roster.csv has the column id twice; write it once"),
        ("name,id\nA,1\nB\n", "roster.csv, line 3 has 1 cell, the first line 2; give each l"),
        (
            "name,id\nMüller, Ann,1\n",
            "roster.csv, line 2 has 3 cells, the first line 2; give each ",
        ),
        (
            "name,id\nA,ab\nB,c\nC,AB\n",
            "roster.csv, line 4: the id AB stands in line 2 too; change",
        ),
        (
            "name,id\nA,\n",
            "roster.csv, line 2: id '': allowed are 1 to 64 letters, digits, - and _",
        ),
        ("name,id\nA,../b\n", "roster.csv, line 2: id '../b': allowed are 1 to 64 letters, digits"),
        ("name,id\nA,..\n", "roster.csv, line 2: id '..': allowed are "),
        ("name,id\nA,/tmp\n", "roster.csv, line 2: id '/tmp': allowed are "),
        ("name,id\nA,index.html\n", "roster.csv, line 2: id 'index.html': allowed are "),
        (f"name,id\nA,{'a' * 65}\n", f"roster.csv, line 2: id '{'a' * 65}': allowed are "),
        ("name,id\n,1\n", "roster.csv, line 2: name '': allowed are 1 to 200 characters on one "),
        ("name,id\n../../etc,1\n", "roster.csv, line 2: name '../../etc': allowed are "),
        ("name,id\n/etc/passwd,1\n", "roster.csv, line 2: name '/etc/passwd': allowed are "),
        ("name,id\nC:\\x,1\n", "roster.csv, line 2: name 'C:\\\\x': allowed are "),
        ("name,id\nx\\..\\y,1\n", "roster.csv, line 2: name 'x\\\\..\\\\y': allowed are "),
        (f"name,id\n{'a' * 201},1\n", f"roster.csv, line 2: name '{'a' * 200}': allowed are "),
        (
            'name,id\n"A\nB",1\n',
            "roster.csv, line 3: name 'A\\nB': allowed are 1 to 200 characters",
        ),
        ("name,id,EPOCHS\nA,1,0\n", "roster.csv, line 2: EPOCHS=0: allowed is a whole number from"),
        (
            "name,id,profile\nA,1,big\n",
            "roster.csv, line 2: PROFILE=big: allowed is one of quick, ",
        ),
        (
            "name,id,TRAININGS\nA,1,mlp:weak\n",
            "roster.csv, line 2: TRAININGS=[['mlp', 'weak', 1, None]]: allowed is a list of ",
        ),
        (
            "name,id,RUNTIMES,BASELINE\nA,1,litert,numpy\n",
            "roster.csv, line 2: BASELINE='numpy': allowed is one of RUNTIMES, which are litert; ",
        ),
        ('name,id\n"A,1\n', "unexpected end of data; write a CSV file in UTF-8"),
        (b"name,id\n\xff,1\n", "invalid start byte; write a CSV file in UTF-8"),
    ],
)
def test_a_wrong_roster_is_refused_in_one_line(read, text, message):
    with pytest.raises(LabError) as error:
        read(text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_roster_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LabError, match=r"none\.csv cannot be read: "):
        roster.read(tmp_path / "none.csv")
