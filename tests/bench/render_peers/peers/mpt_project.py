"""MoneyPrinterTurbo's second renderer, `video_project`: one ffmpeg for each scene, joined without encoding. STORY.json OUT.mp4"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from app.services.video_project import VideoProject

story, out = json.load(open(sys.argv[1])), Path(sys.argv[2])
folder = out.with_suffix(".project")
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
scenes, at = [], 0.0
for number, (clip, seconds) in enumerate(zip(story["clips"], story["lengths"])):
    sound = folder / f"sound-{number}.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-ss", f"{at:.4f}", "-i", story["sound"], "-t", f"{seconds:.4f}", sound], check=True)
    scenes.append({"id": f"scene-{number}", "footage": clip, "audio": str(sound)})
    at += seconds
project = VideoProject(folder / "store")
project.create_revision({"project_id": "storyboard", "scenes": scenes, "settings": {"width": story["width"], "height": story["height"], "fps": story["fps"]}})
status = project.render()
shutil.copyfile(status["export"]["path"], out)
