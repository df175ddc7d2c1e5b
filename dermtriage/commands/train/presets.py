"""`dermtriage train presets`."""

import click


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the presets with the stages each is for; with NAME, print that one, to be changed and kept."""
    import yaml

    from training.config import STAGES
    from training.config_file import preset_names, preset_text

    if name:
        click.echo(preset_text(name), nl=False)
        return
    for known in preset_names():
        told = yaml.safe_load(preset_text(known))
        click.echo(f"{known:<15} {', '.join(stage for stage in STAGES if stage in told)}")
