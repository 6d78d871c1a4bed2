"""placeholder"""
from flask import render_template
from skillsmatch.cases.plan_blueprint import plan
from skillsmatch.cases.plan_forms import PackForm
@plan.get("/pack")
def pack_page() -> str:
    return render_template("plan/pack.html", form=PackForm(formdata=None), editions=[])
@plan.post("/pack")
def make_pack() -> str:
    return ""
