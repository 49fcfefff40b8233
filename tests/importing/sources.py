"""Small studies of other tools, written after their documentation, with sounds of our own."""

from __future__ import annotations

from pathlib import Path

from tests.builders import make_noise, write_wav

ITEMS = ("p287", "p301", "p315")
STEPS = {"ref": 0, "opus_64": 1, "opus_24": 2, "opus_12": 3}


def write_sounds(folder: Path, pattern: str, *, versions: dict[str, int] | None = None) -> None:
    """A file per item and version, named by ``pattern`` such as "{version}/{item}.wav".

    The difference to the version of step 0 grows by 6 dB with each step.
    """
    for number, item in enumerate(ITEMS):
        clean = make_noise(seed=number)
        for version, step in (versions or STEPS).items():
            error = make_noise(seed=100 + number) * (0.02 * 2**step if step else 0.0)
            write_wav(folder / pattern.format(version=version, item=item), clean + error)


WEBMUSHRA = """\
# a test of a codec
testname: Codec <b>study</b>
testId: codec_1
bufferSize: 2048
stopOnErrors: true
showButtonPreviousPage: true
remoteService: service/write.php
language: de
pages:
  - type: generic
    id: hello
    name: Welcome
    content: <p>Welcome to <b>our</b> test.</p><p>Use headphones.</p>
  - type: volume
    id: vol
    name: Volume
    content: Set the volume.
    stimulus: configs/sounds/p287_ref.wav
    defaultVolume: 0.5
  - type: headphones_screen
    id: screen
    name: Headphones
    repetitions: 6
    target: configs/sounds/HugginsPitch_1.wav
    other:
      A: configs/sounds/HugginsPitch_2.wav
  - - random
    - type: paired_comparison
      id: first
      name: One
      unforced:
      content: Which one is the reference?
      showWaveform: true
      enableLooping: true
      reference: configs/sounds/p287_ref.wav
      stimuli:
        C1: configs/sounds/p287_opus_64.wav
        C2: configs/sounds/p287_opus_24.wav
        C3: configs/sounds/p287_opus_12.wav
    - type: paired_comparison
      id: second
      name: Two
      unforced: I don't know
      content: Which one is the reference?
      showWaveform: true
      enableLooping: true
      reference: configs/sounds/p301_ref.wav
      stimuli:
        C1: configs/sounds/p301_opus_64.wav
        C2: configs/sounds/p301_opus_24.wav
        C3: configs/sounds/p301_opus_12.wav
  - type: mushra
    id: rating
    name: MUSHRA
    content: Rate them.
    showWaveform: true
    enableLooping: true
    reference: configs/sounds/p315_ref.wav
    createAnchor35: false
    createAnchor70: true
    randomize: true
    showConditionNames: false
    stimuli:
      C1: configs/sounds/p315_opus_64.wav
      C2: configs/sounds/p315_opus_24.wav
      C3: configs/sounds/p315_opus_12.wav
  - type: likert_single_stimulus
    id: likert
    name: Likert
    content: How do you like it?
    mustRate: true
    stimuli:
      C1: configs/sounds/p315_opus_12.wav
    response:
      - value: bad
        label: Bad
        img: configs/star.png
      - value: good
        label: Good
        img: configs/star.png
  - type: generic
    id: nearly
    name: Nearly done
    content: One more page.
  - type: finish
    name: Thank you
    content: Thank you for <em>listening</em>!
    popupContent: Your results were sent.
    showResults: true
    writeResults: true
    confirmationCode: CODEC-7
    questionnaire:
      - type: text
        label: eMail
        name: email
        optional: true
      - type: number
        label: Age
        name: age
        min: 18
        max: 99
        default: 30
      - type: likert
        label: Headphones?
        name: ears
        response:
          - value: "y"
            label: Yes
          - value: "n"
            label: No; loudspeakers
      - type: slider
        label: Mood
        name: mood
"""


def webmushra(folder: Path, text: str = WEBMUSHRA) -> Path:
    """A webMUSHRA folder: configs/test.yaml, and the sounds that it names from the top."""
    write_sounds(folder, "configs/sounds/{item}_{version}.wav")
    path = folder / "configs" / "test.yaml"
    path.write_text(text, encoding="utf-8")
    return path


LISTEN_AND_RATE = """\
# discrimination
test_type: abx
title: "Which one is X?"
experiment_id: codec-abx
instructions: |
  Listen to A, B and X.
output:
  format: csv
  path: ./results/
preload_audio: true
ui_language: ja
presentation_order: random
stimuli_dirs:
  items_per_session: 2
  systems:
    - path: ./sounds/ref
      system: Original
    - path: ./sounds/opus_24
practice:
  count: 3
  instructions: This is practice.
loudness_check:
  per_system:
    threshold: .inf
    verbose: true
shortcuts:
  choose_a: 1
  choose_b: 2
resume:
  max_age_hours: 2
metrics:
  response_time: true
metadata:
  title: About you
  description: |
    Nothing identifies you.
  fields:
    - key: listener
      label: User name
      type: text
      required: true
    - key: device
      label: Playback device
      type: select
      options: [Headphones, Earphones, Speakers]
      default: Headphones
survey:
  title: Questionnaire
  fields:
    - key: mood
      label: How was it?
      type: select
      options: [Good, Bad]
"""


def listen_and_rate(folder: Path, text: str = LISTEN_AND_RATE) -> Path:
    """A configuration of Listen and Rate with a folder of sounds per system beside it."""
    write_sounds(folder, "sounds/{version}/{item}.wav")
    path = folder / "config.abx.yaml"
    path.write_text(text, encoding="utf-8")
    return path


BEAQLEJS = """\
// configure the test here
var TestConfig = {
  "TestName": "Codec ABX", // TestConfig = { in a comment
  "LoopByDefault": true,
  "ShowFileIDs": false,
  "ShowResults": false,
  "EnableABLoop": false,
  "EnableOnlineSubmission": false,
  "BeaqleServiceURL": "",
  "SupervisorContact": "ada@example.org",
  RandomizeTestOrder: true,
  'MaxTestsPerRun': 2,
  "AudioRoot": "sounds/",
  "Testsets": [
    //
    {
      "Name": "Ada",
      "TestID": "id1",
      "Files": {
        "A": "p287_ref.wav",
        "B": "p287_opus_24.wav",
      }
    },
    { "Name": "Bob", "TestID": "id2", "Files": { "A": "p301_ref.wav", "B": "p301_opus_24.wav" } },
    { "Name": "Eve", "TestID": "id3", "Files": { "A": "p315_ref.wav", "B": "p315_opus_24.wav" } },
  ]
}
"""


def beaqlejs(folder: Path, text: str = BEAQLEJS) -> Path:
    """A BeaqleJS configuration in config/, its sounds beside that folder."""
    write_sounds(folder, "sounds/{item}_{version}.wav")
    path = folder / "config" / "abx.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


RESEVAL = """\
name: codec-abx
test: abx
datatype: audio
storage: aws
database: aws
server: aws
crowdsource:
  platform: mturk
  title: A short listening test
  description: Listen to some sounds.
  keywords: audio
  filter:
    countries: ['US']
    approved_tasks: 0
  payment:
    base: 0.05
    completion: 0.45
  duration:
    total: 86400
participants: 12
samples_per_participant: 2
random_seed: 0
welcome_text: "
  # **Welcome!**\\n
  We evaluate an audio algorithm.\\n
  ### **Consent**\\nBy pressing **I Agree**, you confirm you are willing
  to participate."
prescreen_questions:
  - name: Willing
    type: multiple-choice
    text: Would you like to take part?
    answers: ['Yes', 'No']
    correct_answer: 'Yes'
listening_test:
  instructions: "## **Instructions** \\nCount the tones."
  num_questions: 1
  retries: 1
survey_instructions: "Select which choice sounds most similar to the reference."
followup_questions:
  - name: How
    type: free-response
    text: How was it?
    placeholder: Good.
"""


def reseval(folder: Path, text: str = RESEVAL) -> Path:
    """A ReSEval configuration and, beside it, the folder of conditions."""
    versions = {"reference": 0, "opus_64": 1, "opus_12": 3}
    write_sounds(folder, "abx/{version}/{item}.wav", versions=versions)
    path = folder / "abx.yaml"
    path.write_text(text, encoding="utf-8")
    return path
