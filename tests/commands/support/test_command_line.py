import importlib
import platform
import shlex
from pathlib import Path

import pytest

from exporter import __version__
from exporter.__main__ import main
from exporter.commands.support.command_examples import EXAMPLES
from exporter.commands.support.command_line import make_parser, parse, version


def subcommands() -> set[str]:
    (action,) = (action for action in make_parser()._actions if action.dest == "command")
    return set(action.choices or ())


def test_without_a_command_it_serves() -> None:
    for argv in ([], ["--config.file=x.yaml"], ["--log.level", "debug"]):
        assert parse(argv).command == "serve"
    assert parse(["--config.file=x.yaml"]).config_file == Path("x.yaml")


def test_the_defaults_are_the_documented_ones() -> None:
    arguments = parse([])
    assert arguments.config_file == Path("config.yaml")
    assert not arguments.listen_addresses  # then it is :10042, or what a service manager hands over
    assert arguments.telemetry_path == "/metrics"
    assert arguments.lifecycle is False
    assert (arguments.log_level, arguments.log_format) == ("info", "logfmt")


@pytest.mark.parametrize("text", ["warn", "warning", "WARN", "Warning"])
def test_a_level_is_written_in_either_way(text: str) -> None:
    assert parse([f"--log.level={text}"]).log_level == "warn"


def test_addresses_can_be_repeated() -> None:
    arguments = parse(["--web.listen-address=:1", "--web.listen-address=127.0.0.1:2"])
    assert arguments.listen_addresses == [":1", "127.0.0.1:2"]


def test_all_promised_commands_are_there_and_each_has_its_module() -> None:
    promised = {
        "serve", "demo", "simulate", "check-config", "once", "health", "metrics",
        "machine-codes", "find-record", "codify",
    }  # fmt: skip
    assert promised <= subcommands()
    for command in subcommands():
        module = importlib.import_module(f"exporter.commands.{command.replace('-', '_')}")
        assert callable(module.run)
    folder = Path(importlib.import_module("exporter.commands").__path__[0])
    modules = {file.stem.replace("_", "-") for file in folder.glob("*.py")}
    assert modules - {"--init--"} == subcommands()


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["sevre"], "invalid choice: 'sevre' (did you mean serve?)"),
        (["xyz"], "invalid choice: 'xyz' (choose from"),
        (["machine-codes", "--lang=fr"], "invalid choice: 'fr'"),
        (["clean-list", "--campaign=1", "--max-share=nan"], "must be a ratio above 0 and up to 1"),
        (["clean-list", "--campaign=1", "--max-share=much"], "must be a ratio above 0 and up to 1"),
        (["clean-list", "--campaign=1", "--limit=many"], "must be a number above 0"),
        (["serve", "--config"], "unrecognized arguments"),
        (["--lang=es", "find-record", "--help"], "--lang comes after a command"),
        (["--lang", "es", "find-record", "--phone=1"], "--lang comes after a command"),
        (["--web.listen-address=nowhere"], "nowhere"),
        (["--web.listen-address=:70000"], "70000"),
        (["--web.telemetry-path=metrics"], "is not a path such as /metrics"),
        (["--web.telemetry-path=/"], "is not a path such as /metrics"),
        (["--web.telemetry-path=/-/x"], "is not a path such as /metrics"),
        (["--web.telemetry-path=/m?x"], "is not a path such as /metrics"),
        (["--web.telemetry-path=/m%20x"], "is not a path such as /metrics"),
        (["--web.telemetry-path=/probe"], "/probe is another page of the exporter"),
        (["--web.telemetry-path=/sd"], "/sd is another page of the exporter"),
        (["--web.telemetry-path=/status.json"], "/status.json is another page of the exporter"),
        (["--log.level=loud"], "invalid choice"),
        (["--log.format=xml"], "invalid choice"),
        *(
            (["health", f"--timeout={text}"], "must be a number of seconds above 0")
            for text in ("soon", "0", "-1", "nan", "inf", "1e99")
        ),
        (["assets", "--to=x", "--poll-interval=10000y"], "must be a duration above 0 and up to a day"),
        (["demo", "--operations=many"], "invalid int"),
        (["check-config", "extra"], "unrecognized arguments"),
    ],
)
def test_what_makes_no_sense_ends_with_2_and_says_why(
    argv: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_the_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("WOLKVOX_EXPORTER_REVISION", raising=False)
    assert version() == (
        f"wolkvox-exporter {__version__} (revision unknown, Python {platform.python_version()})"
    )
    monkeypatch.setenv("WOLKVOX_EXPORTER_REVISION", "abc123")
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert "revision abc123" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv", [["--version"], ["serve", "--version"], ["--config.file=x.yaml", "--version"]]
)
def test_the_version_is_one_line_wherever_it_is_asked_for(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WOLKVOX_EXPORTER_REVISION", "0123456789" * 4)
    monkeypatch.setenv("COLUMNS", "20")
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert (ended.value.code, capsys.readouterr().out) == (0, f"{version()}\n")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(command in out for command in subcommands())


def test_every_command_ends_its_help_with_examples_that_can_be_typed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert set(EXAMPLES) == subcommands()
    for command in EXAMPLES:
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        _, lines = capsys.readouterr().out.split("examples:\n")
        assert lines.splitlines()
        for line in lines.splitlines():
            program, *argv = shlex.split(line)
            assert (program, parse(argv).command) == ("wolkvox-exporter", command)


OPERATORS = ("machine-codes", "find-record", "codify", "clean-list")


@pytest.mark.parametrize(
    ("argv", "locale", "said"),
    [
        (["codify"], "es_CO.UTF-8", "faltan estos argumentos: --campaign"),
        (["codify"], "C.UTF-8", "the following arguments are required: --campaign"),
        (["codify", "--lang=en"], "es_CO.UTF-8", "the following arguments are required: --campaign"),
        (["codify", "--lang", "es"], "C.UTF-8", "faltan estos argumentos: --campaign"),
        (["codify", "--lang"], "es_CO.UTF-8", "argumento --lang: se espera un valor"),
        (["codify", "--lang=fr"], "es_CO.UTF-8", "argumento --lang: valor no válido: 'fr' (elija entre "),
        (["find-record"], "es", "falta uno de estos argumentos: --phone --customer"),
        (["find-record", "--phone=1", "--customer=2"], "es", "--customer: no se permite junto con --phone"),
        (["find-record", "--phone="], "es", "argumento --phone: debe ser un texto de una línea"),
        (["find-record", "--phone=1.5"], "es", "--phone: es un número con separador de decimales o de miles"),
        (["clean-list", "--limit=0"], "es", "argumento --limit: debe ser un número mayor que 0"),
        (["machine-codes", "--x"], "es", "error: argumentos desconocidos: --x"),
        (["machine-codes", "--unreachable=1"], "es", "argumento --unreachable: no lleva valor: '1'"),
        (["serve", "--x"], "es_CO.UTF-8", "unrecognized arguments: --x"),
        (["doctor", "--lang=es"], "es_CO.UTF-8", "unrecognized arguments: --lang=es"),
    ],
)
def test_the_operators_commands_refuse_flags_in_their_language(
    argv: list[str],
    locale: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert (ended.value.code, said in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize("command", OPERATORS)
def test_the_help_of_the_operators_commands_is_spanish(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    said = []
    for language in ("en", "es", "en"):
        with pytest.raises(SystemExit):
            main([command, f"--lang={language}", "--help"])
        said.append(capsys.readouterr().out)
    english, spanish, again = said
    assert english == again
    assert spanish.startswith("uso: ")
    assert {"opciones:", "ejemplos:"} <= set(spanish.splitlines())
    # Each flag is explained in other words, and the examples are the same.
    for left, right in zip(english.splitlines(), spanish.splitlines(), strict=True):
        flag_alone = left.startswith("  -") and "  " not in left.strip()
        example = left.startswith("  wolkvox-exporter ")
        assert left != right or not left or flag_alone or example


@pytest.mark.parametrize("command", ["check-config", "once", "serve"])
def test_a_bad_config_tells_every_problem_and_ends_with_1(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text('operations: [{server: "42", token: fake-secret-token, zone: x}]\nmax_age: 5\n')
    assert main([command, f"--config.file={file}"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        f"{file}: max_age: a duration such as 90s, 5m or 1h30m is expected",
        f'{file}: operations[0].server: four digits in quotes are expected, such as "0042"',
        f"{file}: operations[0].zone: unknown key (did you mean timezone?)",
    ]


def test_a_config_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none.yaml"
    assert main(["--config.file", str(file)]) == 1
    problem, hint = capsys.readouterr().err.splitlines()
    assert problem == f"{file}: cannot be read: No such file or directory"
    assert "demo needs none" in hint, "who has no configuration yet is led on"
