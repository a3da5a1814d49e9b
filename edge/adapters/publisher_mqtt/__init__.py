"""Speaks MQTT 5, or 3.1.1 with a broker that knows no newer, through paho-mqtt."""

from edge.adapters.publisher_mqtt.address import BrokerAddress, Login
from edge.adapters.publisher_mqtt.link import MqttLink

__all__ = ["BrokerAddress", "Login", "MqttLink"]
