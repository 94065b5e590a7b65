"""A reader of the stack's alarms: a queue that is subscribed to their topic, as a person's mail address would be."""

import json
import time


class Mailbox:
    """Reads what the topic sends to its subscribers; keeps all of it in order."""

    def __init__(self, aws, topic):
        self.sqs, self.letters = aws.client("sqs"), []
        self.url = self.sqs.create_queue(QueueName="mailbox-of-the-operator")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def read(self):
        """Takes what came; gives all letters so far, (subject, text)."""
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                letter = json.loads(message["Body"])
                self.letters.append((letter["Subject"], letter["Message"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return self.letters

    def one(self, beginning, seconds=10):
        """The text of the one letter whose subject begins so; stops when there is none, or more than one."""
        until = time.monotonic() + seconds
        while True:
            found = [text for subject, text in self.read() if subject.startswith(beginning)]
            if found or time.monotonic() > until:
                break
            time.sleep(0.2)
        if len(found) != 1:
            raise SystemExit(f"cloud: {len(found)} mails begin with “{beginning}”; there came {[subject for subject, _ in self.letters]}")
        return found[0]
