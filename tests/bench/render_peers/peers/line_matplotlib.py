"""matplotlib's way: FuncAnimation over the storyboard's line scenes, saved through FFMpegWriter. STORY.json OUT.mp4"""

import json
import sys
from datetime import date

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
from matplotlib.animation import FFMpegWriter, FuncAnimation

story, out = json.load(open(sys.argv[1])), sys.argv[2]
fps, scenes = story["fps"], story["lines"]
plt.style.use("dark_background")
figure, axes = plt.subplots(figsize=(16, 9), dpi=120)
figure.subplots_adjust(left=0.07, right=0.95, top=0.86, bottom=0.2)
caption = figure.text(0.5, 0.085, "", ha="center", va="center", fontsize=24)
source = figure.text(0.07, 0.025, "", fontsize=13, color="#8b97a8")
drawn: dict[str, object] = {"scene": None}


def begin(scene: dict) -> None:
    """Axes, title and empty line of a scene, with the limits of the whole series."""
    axes.clear()
    days = [date.fromisoformat(day) for day, _ in scene["points"]]
    values = [value for _, value in scene["points"]]
    axes.set_title(scene["heading"], loc="left", fontsize=30, fontweight="bold", pad=24)
    axes.set_xlim(days[0], days[-1])
    room = (max(values) - min(values)) * 0.08 or 1
    axes.set_ylim(min(values) - room, max(values) + 2 * room)
    axes.grid(axis="y", color="#2a3342")
    axes.tick_params(labelsize=14)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(mdates.AutoDateLocator())
    (line,) = axes.plot([], [], color="#ffb000", linewidth=3, label=scene["label"])
    axes.legend(loc="upper left", frameon=False, fontsize=15)
    source.set_text(scene["source"])
    drawn.update(scene=scene, days=days, values=values, line=line, marks={mark["date"]: mark["text"] for mark in scene["marks"]})


def frame(number: int) -> list:
    now = number / fps
    scene = next(scene for scene in reversed(scenes) if scene["at"] <= now + 1e-6)
    if drawn["scene"] is not scene:
        begin(scene)
    days, values = drawn["days"], drawn["values"]
    shown = max(1, round(min(1.0, (now - scene["at"]) / (scene["seconds"] * 0.8)) * len(days)))
    drawn["line"].set_data(days[:shown], values[:shown])
    for day in [day for day in drawn["marks"] if date.fromisoformat(day) <= days[shown - 1]]:
        at = date.fromisoformat(day)
        value = values[min(range(len(days)), key=lambda n: abs((days[n] - at).days))]
        axes.annotate(drawn["marks"].pop(day), (at, value), xytext=(0, 14), textcoords="offset points", ha="center", fontsize=15)
        axes.plot([at], [value], "o", color="white")
    cue = next((cue for cue in story["cues"] if cue["start"] <= now < cue["end"]), None)
    caption.set_text(cue["text"] if cue else "")
    return [drawn["line"], caption]


writer = FFMpegWriter(fps=fps, codec="libx264", extra_args=["-preset", story["preset"], *story["rate"], "-pix_fmt", "yuv420p"])
FuncAnimation(figure, frame, init_func=list, frames=round(story["seconds"] * fps), blit=False).save(out, writer=writer)
