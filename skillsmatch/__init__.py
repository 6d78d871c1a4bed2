"""skillsmatch: employers' needs in plain words, matched to local training and counted safely."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

__version__ = "0.1.0"
ROOT = Path(__file__).resolve().parent.parent


def create_app(config: object) -> Flask:
    """The whole service, from the settings in `config` (an object with capital names, as in config.py).

    The one place that knows every part. Raises SettingsError where a setting it cannot do without is missing.
    """
    from skillsmatch import cli, pages, safety
    from skillsmatch.accounts import access
    from skillsmatch.accounts.views import accounts
    from skillsmatch.api.views import api, developers
    from skillsmatch.area.areas import load_area
    from skillsmatch.cases.plan_views import educators, plan, speakers
    from skillsmatch.cases.views import cases, helping, quoting, referrals
    from skillsmatch.database import Base, prepare_engine
    from skillsmatch.demand.guard import keep_from_employers
    from skillsmatch.demand.views import demand
    from skillsmatch.extensions import csrf, db, limiter, migrate
    from skillsmatch.leads import evidence as _evidence  # noqa: F401  (its pages belong to demand's blueprint)
    from skillsmatch.leads import place_views as _places  # noqa: F401  (its pages belong to leads' blueprint)
    from skillsmatch.leads.alert_views import alerts
    from skillsmatch.leads.sharing import sharing
    from skillsmatch.leads.views import leads
    from skillsmatch.mail import models as _mail_models  # noqa: F401  (its table belongs to the metadata)
    from skillsmatch.needs.seen import offers_seen
    from skillsmatch.needs.views import needs
    from skillsmatch.offers import enquiry_views as _enquiry_views  # noqa: F401  (they add to the offers' blueprint)
    from skillsmatch.offers import open_views as _open_views  # noqa: F401
    from skillsmatch.offers.desk.views import desk
    from skillsmatch.offers.views import offers
    from skillsmatch.texts import models as _text_models  # noqa: F401  (its table belongs to the metadata)
    from skillsmatch.texts.reading import add_texts
    from skillsmatch.words import add_words

    app = Flask(__name__, template_folder=str(ROOT / "templates"), instance_path=str(ROOT / "instance"))
    app.config.from_object(config)
    Path(app.config["DATA_DIR"]).mkdir(parents=True, exist_ok=True)
    safety.make_safe(app)
    app.extensions["area"] = load_area(app.config["AREA"])
    app.extensions["offers seen"] = offers_seen  # for the desk's figures; demand itself never reads a need
    app.extensions["create_app"] = create_app  # for commands that work on a scratch service beside this one

    # An error's text must not carry what an employer typed into the log.
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"hide_parameters": True})
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), metadatas={"": Base.metadata})
    limiter.init_app(app)
    access.protect(app)
    csrf.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    keep_from_employers(app)

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    add_words(app)
    add_texts(app)
    own = (needs, sharing, quoting, helping)  # an employer's own pages
    officers = (cases, referrals, plan, speakers, educators)
    rooms = (pages.pages, accounts, offers, desk, *own, demand, leads, alerts, *officers, api, developers)
    for blueprint in rooms:
        app.register_blueprint(blueprint)
    for command in cli.COMMANDS:
        app.cli.add_command(command)
    return app
