from concurrent.futures import ThreadPoolExecutor

from helpers.core import stages


def test_notebooks_that_end_side_by_side_lose_no_note(run_folder):
    def note(name):
        with stages.noting() as notes:
            notes[name] = {"seconds": 1}

    names = {f"{number:02}" for number in range(40)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, names))
    assert set(stages.notes()) == names


def test_notes_stay_as_they_were_when_the_block_fails(run_folder):
    with stages.noting() as notes:
        notes["01"] = {"seconds": 1}
    try:
        with stages.noting() as notes:
            notes.clear()
            raise KeyError
    except KeyError:
        pass
    assert set(stages.notes()) == {"01"}
