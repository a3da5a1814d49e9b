"""The names of a terminal's entities in Home Assistant, per language."""

from collections.abc import Mapping

NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "camera": "Camera",
        "lock": "Lock state",
        "contact": "Door",
        "last_person": "Last person",
        "temperature": "Temperature",
        "throttling": "Throttling",
        "recognition": "Recognition",
        "model": "Model",
        "gallery": "Gallery size",
        "level": "Work level",
        "version": "Version",
        "door": "Lock",
        "lockdown": "Lockdown",
        "snapshot": "Snapshot now",
        "reload": "Reload",
        "picture": "Last snapshot",
        "what": "Face-recognition terminal",
    },
    "ja": {
        "camera": "カメラ",
        "lock": "施錠状態",
        "contact": "ドア",
        "last_person": "最後に通過した人",
        "temperature": "温度",
        "throttling": "処理制限",
        "recognition": "顔認識",
        "model": "モデル",
        "gallery": "登録者数",
        "level": "処理レベル",
        "version": "バージョン",
        "door": "電気錠",
        "lockdown": "緊急封鎖",
        "snapshot": "今すぐ撮影",
        "reload": "再読み込み",
        "picture": "最新の画像",
        "what": "顔認証端末",
    },
}
