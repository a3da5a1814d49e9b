"""What alerts say, per language: a title for each type of event, what to do, and the names of its facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.domain.alert import AlertKind
from edge.domain.events import EventType

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    titles: Texts
    remedies: Texts
    facts: Texts
    kinds: Texts
    closed: str
    held_back: str
    held_back_line: str
    standing: str
    over: str
    test: str
    test_remedy: str
    recovered: str


EN = Words(
    titles={
        EventType.DOOR_FORCED: "Door forced open",
        EventType.DOOR_HELD: "Door stands open",
        EventType.DOOR_TAMPERED: "Tamper switch open",
        EventType.DOOR_TAMPER_ENDED: "Tamper switch closed again",
        EventType.ACCESS_DURESS: "Somebody is forced to open",
        EventType.FIRE_STARTED: "Fire alarm: doors are released",
        EventType.FIRE_ENDED: "Fire alarm is over",
        EventType.CAMERA_LOST: "Camera lost",
        EventType.CAMERA_COVERED: "Camera covered",
        EventType.CAMERA_RESTORED: "Camera works again",
        EventType.THERMAL_THROTTLED: "Terminal is hot and works slower",
        EventType.THERMAL_RECOVERED: "Terminal has cooled down",
        EventType.THERMAL_SENSOR_LOST: "Temperature cannot be read",
        EventType.THERMAL_SENSOR_RESTORED: "Temperature can be read again",
        EventType.SYSTEM_DISK_LOW: "Disk is filling up",
        EventType.SYSTEM_DISK_RESTORED: "Disk has room again",
        EventType.SYSTEM_BROKER_LOST: "Events do not reach the MQTT broker",
        EventType.SYSTEM_BROKER_RESTORED: "Events reach the MQTT broker again",
        EventType.JOURNAL_GAP: "Events were lost",
        EventType.ALERT_GIVEN_UP: "An alert could not be delivered",
    },
    remedies={
        EventType.DOOR_FORCED: "The door opened although it was locked. Look who is there.",
        EventType.DOOR_HELD: "The door has been open for too long. Close it.",
        EventType.DOOR_TAMPERED: "Somebody may be opening the terminal's case. Look at it.",
        EventType.ACCESS_DURESS: "A duress PIN was entered. Nothing shows it at the door: do not call there; "
        "act as your plan for a threat says.",
        EventType.FIRE_STARTED: "The fire input is active and the doors are unlocked.",
        EventType.CAMERA_LOST: "Nobody is recognised until it is back. Check its cable and power.",
        EventType.CAMERA_COVERED: "Nobody is recognised. See whether something is in front of the lens.",
        EventType.THERMAL_THROTTLED: "Recognition is slower. Give the terminal shade and air.",
        EventType.THERMAL_SENSOR_LOST: "Recognition is held down until it can. Check thermal.sensor.",
        EventType.SYSTEM_DISK_LOW: "Make room before events are lost; old events go by storage.keep_days.",
        EventType.SYSTEM_BROKER_LOST: "They are kept and sent later. `edgectl mqtt test` says what is wrong.",
        EventType.JOURNAL_GAP: "The disk was full, or too slow for too long.",
        EventType.ALERT_GIVEN_UP: "`edgectl alerts test` says what is wrong.",
    },
    facts={
        "time": "When",
        "device": "Terminal",
        "door": "Door",
        "person": "Person (id)",
        "detail": "Detail",
        "temperature": "Temperature (°C)",
        "free_mib": "Free (MiB)",
        "minutes": "For (minutes)",
        "problem": "Problem",
        "seconds": "Was open (seconds)",
        "lost": "Lost events",
        "count": "Lost events",
        "first_seq": "From event",
        "last_seq": "To event",
        "sink": "Way",
        "type": "Type of event",
        "line": "Problem",
        "id": "Event",
    },
    kinds={
        AlertKind.FORCED: "door forced open",
        AlertKind.HELD: "door stands open",
        AlertKind.TAMPER: "tamper switch",
        AlertKind.DURESS: "duress",
        AlertKind.FIRE: "fire alarm",
        AlertKind.CAMERA: "camera",
        AlertKind.HEAT: "heat",
        AlertKind.DISK: "disk",
        AlertKind.BROKER: "MQTT broker",
        AlertKind.LOST: "lost events",
    },
    closed="Door closed again",
    held_back="{count} more alerts were held back",
    held_back_line="{what}: {count} times from {first} to {last}; {stands}",
    standing="not over at the last",
    over="over since",
    test="Test",
    test_remedy="Alerts of this terminal arrive here. Nothing has happened.",
    recovered="That is over.",
)

JA = Words(
    titles={
        EventType.DOOR_FORCED: "ドアがこじ開けられました",
        EventType.DOOR_HELD: "ドアが開いたままです",
        EventType.DOOR_TAMPERED: "筐体の開放を検知しました",
        EventType.DOOR_TAMPER_ENDED: "筐体が閉じられました",
        EventType.ACCESS_DURESS: "脅迫による解錠の可能性があります",
        EventType.FIRE_STARTED: "火災信号によりドアを解錠しました",
        EventType.FIRE_ENDED: "火災信号が終了しました",
        EventType.CAMERA_LOST: "カメラの映像が途絶えました",
        EventType.CAMERA_COVERED: "カメラが覆われています",
        EventType.CAMERA_RESTORED: "カメラが復旧しました",
        EventType.THERMAL_THROTTLED: "高温のため処理を抑えています",
        EventType.THERMAL_RECOVERED: "温度が下がりました",
        EventType.THERMAL_SENSOR_LOST: "温度を読み取れません",
        EventType.THERMAL_SENSOR_RESTORED: "温度を再び読み取れます",
        EventType.SYSTEM_DISK_LOW: "ディスクの空きが少なくなっています",
        EventType.SYSTEM_DISK_RESTORED: "ディスクの空きが回復しました",
        EventType.SYSTEM_BROKER_LOST: "イベントがMQTTブローカーに届いていません",
        EventType.SYSTEM_BROKER_RESTORED: "イベントがMQTTブローカーに届くようになりました",
        EventType.JOURNAL_GAP: "イベントが失われました",
        EventType.ALERT_GIVEN_UP: "通知を届けられませんでした",
    },
    remedies={
        EventType.DOOR_FORCED: "施錠中のドアが開きました。現場を確認してください。",
        EventType.DOOR_HELD: "ドアが長い間開いています。閉めてください。",
        EventType.DOOR_TAMPERED: "端末の筐体が開けられた可能性があります。確認してください。",
        EventType.ACCESS_DURESS: "脅迫用の暗証番号が入力されました。ドアには何も表示されません。"
        "現場に電話せず、定められた手順に従ってください。",
        EventType.FIRE_STARTED: "火災入力が有効で、ドアは解錠されています。",
        EventType.CAMERA_LOST: "復旧するまで認識できません。ケーブルと電源を確認してください。",
        EventType.CAMERA_COVERED: "認識できません。レンズの前に物がないか確認してください。",
        EventType.THERMAL_THROTTLED: "認識が遅くなります。日陰にし、風通しを良くしてください。",
        EventType.THERMAL_SENSOR_LOST: "読み取れるまで認識を抑えます。thermal.sensor を確認してください。",
        EventType.SYSTEM_DISK_LOW: "イベントが失われる前に空きを作ってください。"
        "古いイベントは storage.keep_days で消せます。",
        EventType.SYSTEM_BROKER_LOST: "イベントは保存され、後で送られます。"
        "`edgectl mqtt test` で原因が分かります。",
        EventType.JOURNAL_GAP: "ディスクが満杯か、長い間遅すぎました。",
        EventType.ALERT_GIVEN_UP: "`edgectl alerts test` で原因が分かります。",
    },
    facts={
        "time": "日時",
        "device": "端末",
        "door": "ドア",
        "person": "人物(ID)",
        "detail": "詳細",
        "temperature": "温度(°C)",
        "free_mib": "空き(MiB)",
        "minutes": "経過(分)",
        "problem": "原因",
        "seconds": "開いていた時間(秒)",
        "lost": "失われたイベント数",
        "count": "失われたイベント数",
        "first_seq": "最初のイベント",
        "last_seq": "最後のイベント",
        "sink": "経路",
        "type": "イベントの種類",
        "line": "原因",
        "id": "イベント",
    },
    kinds={
        AlertKind.FORCED: "ドアのこじ開け",
        AlertKind.HELD: "ドアの開放",
        AlertKind.TAMPER: "筐体の開放",
        AlertKind.DURESS: "脅迫",
        AlertKind.FIRE: "火災信号",
        AlertKind.CAMERA: "カメラ",
        AlertKind.HEAT: "温度",
        AlertKind.DISK: "ディスク",
        AlertKind.BROKER: "MQTTブローカー",
        AlertKind.LOST: "失われたイベント",
    },
    closed="ドアが閉まりました",
    held_back="他に{count}件の通知をまとめました",
    held_back_line="{what}:{first}から{last}までに{count}回、{stands}",
    standing="最後の時点で継続中",
    over="終了",
    test="テスト",
    test_remedy="この端末の通知はここに届きます。異常は発生していません。",
    recovered="解消しました。",
)

WORDS: Mapping[str, Words] = {"en": EN, "ja": JA}
