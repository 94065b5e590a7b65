"""MoviePy's way: one still of ours for each scene, captions as TextClips, and the sound. STORY.json OUT.mp4"""

import json
import sys

from moviepy import AudioFileClip, CompositeVideoClip, ImageClip, TextClip, concatenate_videoclips

FONT = "/usr/share/fonts/opentype/inter/Inter-SemiBold.otf"
story, out = json.load(open(sys.argv[1])), sys.argv[2]
picture = concatenate_videoclips([ImageClip(still).with_duration(seconds) for still, seconds in zip(story["stills"], story["lengths"])])
captions = [
    TextClip(font=FONT, text=cue["text"], font_size=46, color="white", stroke_color="black", stroke_width=2, method="caption",
             size=(1728, None), text_align="center", margin=(0, 12))
    .with_start(cue["start"]).with_end(cue["end"]).with_position(("center", 880))
    for cue in story["cues"]]
film = CompositeVideoClip([picture, *captions]).with_duration(story["seconds"]).with_audio(AudioFileClip(story["sound"]))
film.write_videofile(out, fps=story["fps"], codec="libx264", audio_codec="aac", preset=story["preset"], logger=None,
                     ffmpeg_params=[*story["rate"], "-pix_fmt", "yuv420p"])
