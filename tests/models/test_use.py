import shutil
from pathlib import Path

import pytest

from edge.config import load_settings
from edge.errors import ConfigError, ModelError
from edge.models.add import add_model
from edge.models.profile import Form
from edge.models.profile_file import load_profile
from edge.models.use import Choice, use_model
from tests.made_once import made_once

REID = "open-model-zoo/face-reidentification-retail-0095.xml"


@pytest.fixture(scope="session")
def all_models(prepared: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a models folder with dlib's models, YuNet and 0095; tests do not change it."""

    def make(folder: Path) -> None:
        shutil.copytree(prepared, folder, dirs_exist_ok=True)
        add_model(folder, shared_data / "models" / "yunet_n_dynamic.onnx")
        add_model(folder, shared_data / "models" / REID)

    return made_once(tmp_path_factory.getbasetemp(), "all-models", make)


@pytest.fixture
def config(data_dir: Path, all_models: Path, tmp_path: Path) -> Path:
    """Return the path of a configuration file in a data folder with all models."""
    shutil.copytree(all_models, data_dir / "models")
    path = tmp_path / "etc" / "edge.toml"
    path.parent.mkdir()
    path.write_text('# Our terminal.\n[vision]\n# model = "dlib-resnet29"\nthreads = 1\n')
    return path


def use(config: Path, name: str, form: Form | None = None) -> Choice:
    return use_model(load_settings(config), config, name, form=form)


def chosen(config: Path) -> tuple[str, str]:
    vision = load_settings(config).vision
    return vision.model, vision.detector


def test_an_embedder_brings_a_detector_along_that_fits(config: Path) -> None:
    choice = use(config, "omz-0095")
    assert choice.changes == {"model": "omz-0095", "detector": "yunet"}
    assert chosen(config) == ("omz-0095", "yunet")
    assert config.read_text() == (
        '# Our terminal.\n[vision]\ndetector = "yunet"\nmodel = "omz-0095"\nthreads = 1\n'
    )


def test_dlibs_net_serves_behind_either_detector(config: Path) -> None:
    use(config, "yunet")
    assert chosen(config) == ("dlib-resnet29", "yunet")
    use(config, "omz-0095")
    assert use(config, "dlib-resnet29").changes == {"model": "dlib-resnet29"}
    assert chosen(config) == ("dlib-resnet29", "yunet")
    use(config, "dlib-hog")
    assert chosen(config) == ("dlib-resnet29", "dlib-hog")


def test_a_combination_that_does_not_fit_is_refused_and_nothing_changes(config: Path) -> None:
    use(config, "omz-0095")
    before = config.read_text()
    with pytest.raises(ModelError, match="omz-0095 needs arcface5 landmarks, which dlib-hog does not find"):
        use(config, "dlib-hog")
    assert config.read_text() == before


def test_without_a_detector_that_fits_the_remedy_is_named(config: Path, data_dir: Path) -> None:
    shutil.rmtree(data_dir / "models" / "yunet")
    before = config.read_text()
    with pytest.raises(ModelError, match="edgectl models pull yunet"):
        use(config, "omz-0095")
    assert config.read_text() == before


def test_a_landmarker_cannot_be_chosen_and_what_is_missing_is_named(config: Path) -> None:
    with pytest.raises(ModelError, match="is no detector but a model with the role landmarker"):
        use(config, "dlib-landmarks5")
    with pytest.raises(ModelError, match="no model 'gone' is installed"):
        use(config, "gone")


def test_a_damaged_model_is_not_taken_into_use(config: Path, data_dir: Path) -> None:
    with (data_dir / "models/omz-0095/model.onnx").open("ab") as stream:
        stream.write(b"x")
    before = config.read_text()
    with pytest.raises(ModelError, match="SHA-256"):
        use(config, "omz-0095")
    assert config.read_text() == before


def test_a_form_is_chosen_in_the_profile(config: Path, data_dir: Path) -> None:
    before = config.read_text()
    choice = use(config, "dlib-resnet29", Form.INT8)
    assert choice.embedder.version.startswith("dlib-resnet29-int8-")
    assert load_profile(data_dir / "models", "dlib-resnet29").form is Form.INT8
    assert config.read_text() == before  # the model was in use already
    with pytest.raises(ModelError, match="omz-0095 has no int8 form"):
        use(config, "omz-0095", Form.INT8)
    assert config.read_text() == before


def test_scores_set_for_another_metric_are_in_the_way(config: Path) -> None:
    config.write_text("[recognition]\nthreshold_score = 0.42\n")
    with pytest.raises(ModelError) as caught:
        use(config, "omz-0095")
    assert "recognition.threshold_score = 0.42" in str(caught.value)
    assert "by cosine, dlib-resnet29 by euclidean" in str(caught.value)
    assert config.read_text() == "[recognition]\nthreshold_score = 0.42\n"
    use(config, "yunet")  # does not change what scores mean


def test_a_missing_file_is_made_and_the_mode_of_one_that_is_there_stays(config: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "edge.toml"
    use_model(load_settings(config), new, "yunet")
    assert new.read_text() == '[vision]\ndetector = "yunet"\n'
    assert new.stat().st_mode & 0o777 == 0o640
    config.chmod(0o600)
    use(config, "yunet")
    assert config.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in config.parent.iterdir()] == ["edge.toml"]


def test_a_file_written_in_another_way_is_left_alone(config: Path) -> None:
    config.write_text('vision.model = "dlib-resnet29"\n')
    with pytest.raises(ConfigError, match="by hand"):
        use(config, "yunet")
    assert config.read_text() == 'vision.model = "dlib-resnet29"\n'
    assert [path.name for path in config.parent.iterdir()] == ["edge.toml"]
