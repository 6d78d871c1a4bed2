import sys; sys.path.insert(0,'/tmp/w8')
import os, shutil, datetime
from config import Config
from skillsmatch import create_app
d='/tmp/w8data'; shutil.rmtree(d, ignore_errors=True); os.makedirs(d)
c=Config({"DATABASE_URL":f"sqlite:///{d}/x.sqlite","SKILLSMATCH_SECRET_KEY":"k"*40,"SKILLSMATCH_DEMO":"1"})
c.CLOCK=lambda: datetime.datetime(2027,4,20,10,30)
app=create_app(c)
from flask_migrate import upgrade
with app.app_context():
    upgrade()
    from skillsmatch.demand import synthetic, releases, published
    from skillsmatch.demand.periods import read_period
    from skillsmatch.database import keep
    area=app.extensions['area']
    pop=synthetic.two_years(area,1500,1,datetime.date(2027,4,1))
    print(keep(lambda: synthetic.store(pop,'x')))
    for p in ("2025","2025Q1","2025Q2","2025Q3","2025Q4","2026Q1","2026Q2","2026Q3","2026Q4","2026"):
        drawn=releases.draw_up(read_period(p,4),area)
        keep(lambda: releases.publish(releases.store_draft(drawn)))
    from skillsmatch.demand import charts, files
    import time
    for n in ("theme","level","theme-by-district","people","level-by-theme-group","reason"):
        t0=time.time(); t=published.read_table(area,"2026",n); t1=time.time()
        p=files.file_of(t,'svg'); t2=time.time(); q=files.file_of(t,'png'); x=files.file_of(t,'xlsx'); cs=files.file_of(t,'csv')
        print(n,len(t.cells),len(t.shown),round(t1-t0,4),round(t2-t1,2),p.stat().st_size,q.stat().st_size,q)
