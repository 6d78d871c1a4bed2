import pytest
from skillsmatch.accounts.roles import Role
from tests.accounts.signing import sign_in

def test_all(provided):
    c=provided.test_client(); sign_in(c, provided, Role.CHAMBER, organisation="C")
    for w in ("/priorities","/priorities/figures","/priorities/plan","/priorities/plan/LSIP25-3","/priorities/plan/LSIP25-3/change","/priorities/plan/new","/priorities/actions","/priorities/actions/new","/priorities/measures","/priorities/measures/short-courses","/priorities/measures/new","/priorities/ambassadors","/priorities/ambassadors/new","/priorities/educators","/priorities/board","/priorities/pack","/ambassadors","/educators","/educators/sent","/priorities?from=x&to=y","/priorities/figures?theme=zzz","/offers?kind=apprenticeship"):
        a=c.get(w); print(w,a.status_code)
        assert a.status_code in (200,422), w
