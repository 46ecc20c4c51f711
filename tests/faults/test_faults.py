"""Every row of the fault table, driven for real."""

import faults_in_data
import faults_in_files
import faults_in_runs
import faults_in_settings
import faults_in_the_environment
import faults_in_verifying
import faults_on_the_page
import pytest
from faults import Fault, Place, rows

FAULTS = [
    *faults_in_settings.FAULTS,
    *faults_in_runs.FAULTS,
    *faults_in_the_environment.FAULTS,
    *faults_in_data.FAULTS,
    *faults_in_files.FAULTS,
    *faults_on_the_page.FAULTS,
    *faults_in_verifying.FAULTS,
]


@pytest.mark.parametrize("fault", rows(FAULTS))
def test_a_fault_ends_as_its_row_says(fault: Fault, tmp_path, record_property):
    record_property("seen", fault.check(Place(tmp_path)))
