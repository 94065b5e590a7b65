"""MoneyPrinterTurbo's way, with its own functions and its defaults: combine_videos, then generate_video. STORY.json OUT.mp4"""

import json
import sys
from pathlib import Path

from app.models.schema import VideoAspect, VideoConcatMode, VideoParams
from app.services import video

story, out = json.load(open(sys.argv[1])), Path(sys.argv[2])
combined = str(out.with_name("combined.mp4"))
video.combine_videos(combined, story["clips"], story["sound"], video_aspect=VideoAspect.landscape, video_concat_mode=VideoConcatMode.sequential,
                     max_clip_duration=5, threads=2)
params = VideoParams(video_subject="storyboard", video_aspect=VideoAspect.landscape, bgm_type="", n_threads=2)
video.generate_video(combined, story["sound"], story["srt"], str(out), params)
