"""MQTT conventions that devices speak, one package each."""
