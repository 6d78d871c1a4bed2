import click
@click.command()
def attack(): "A."
