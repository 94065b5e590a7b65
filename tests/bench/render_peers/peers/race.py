"""bar_chart_race's way: a ranking of the panel that our ranking scene draws. STORY.json OUT.mp4"""

import json
import sys
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import bar_chart_race as bcr
import matplotlib.pyplot as plt
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from storyboard import ranking

warnings.filterwarnings("ignore")
story, out = json.load(open(sys.argv[1])), sys.argv[2]
# A year takes half a second, its default period, in as many steps as give thirty frames a second.
STEPS = story["fps"] // 2
panel = ranking(Path(story["panel"]), years=round(story["seconds"] * 2), members=10)
values = pd.DataFrame({name: [value / 1e9 for value in series] for name, series in panel["members"].items()}, index=panel["years"])
# The library makes matplotlib's writer itself; only through these can the encoder's settings be ours.
matplotlib.rcParams["animation.codec"] = "libx264"
matplotlib.rcParams["animation.ffmpeg_args"] = ["-preset", story["preset"], *story["rate"], "-pix_fmt", "yuv420p"]
# Left to itself the library widens the picture until all labels fit; a figure of ours keeps it at 1920 by 1080.
figure, axes = plt.subplots(figsize=(16, 9), dpi=120)
figure.subplots_adjust(left=0.16, right=0.96, top=0.9, bottom=0.04)
axes.set_title("Gross domestic product, billion US dollars", fontsize=26)
bcr.bar_chart_race(df=values, filename=out, n_bars=10, steps_per_period=STEPS, period_length=500, fig=figure,
                   period_fmt="{x:.0f}", bar_label_size=15, tick_label_size=15)
